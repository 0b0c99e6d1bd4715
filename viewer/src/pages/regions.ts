import {start} from "./start";
import {regions_view} from "../views/regions/regions";

void start(regions_view);
