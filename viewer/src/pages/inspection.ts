import {start} from "./start";
import {inspection_view} from "../views/inspection/inspection";

void start(inspection_view);
