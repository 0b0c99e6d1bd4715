import {start} from "./start";
import {explanation_view} from "../views/explanation/explanation";

void start(explanation_view);
