import {start} from "./start";
import {concepts_view} from "../views/concepts/concepts";

void start(concepts_view);
