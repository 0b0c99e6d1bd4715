import {start} from "./start";
import {tracing_view} from "../views/tracing/tracing";

void start(tracing_view);
