import {start} from "./start";
import {evaluation_view} from "../views/evaluation/evaluation";

void start(evaluation_view);
