import "../../style/page.css";
import "../../style/live.css";
import {App} from "./app";

document.getElementById("skeleton")?.remove();
new App().start();
