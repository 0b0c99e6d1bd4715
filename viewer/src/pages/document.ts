import {start} from "./start";
import {document_view} from "../views/document/document";

void start(document_view);
