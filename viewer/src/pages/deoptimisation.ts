import {start} from "./start";
import {deoptimisation_view} from "../views/deoptimisation/deoptimisation";

void start(deoptimisation_view);
