import {start} from "./start";
import {comparison_view} from "../views/comparison/comparison";

void start(comparison_view);
