import {start} from "./start";
import {heads_view} from "../views/heads/heads";

void start(heads_view);
