import type {Result} from "../results";
import {comparison_view} from "./comparison/comparison";
import {concepts_view} from "./concepts/concepts";
import {Document, document_view} from "./document/document";
import {deoptimisation_view} from "./deoptimisation/deoptimisation";
import {evaluation_view} from "./evaluation/evaluation";
import {explanation_view} from "./explanation/explanation";
import {heads_view} from "./heads/heads";
import {inspection_view} from "./inspection/inspection";
import {regions_view} from "./regions/regions";
import {tracing_view} from "./tracing/tracing";
import type {ViewContext} from "./view";

/** The view of a result. Throws Error for a kind that has none. */
export function view_of(result: Result | Document, context: ViewContext): HTMLElement {
  switch (result.format) {
    case "whyclip comparison 1": return comparison_view(result, context);
    case "whyclip concepts 1": return concepts_view(result, context);
    case "whyclip deoptimisation 1": return deoptimisation_view(result, context);
    case "whyclip document 1": return document_view(result);
    case "whyclip evaluation 1": return evaluation_view(result, context);
    case "whyclip explanation 1": return explanation_view(result, context);
    case "whyclip heads 1": return heads_view(result, context);
    case "whyclip inspection 1": return inspection_view(result, context);
    case "whyclip regions 1": return regions_view(result, context);
    case "whyclip tracing 1": return tracing_view(result, context);
    default: throw new Error(`there is no view for ${result.format}`);
  }
}
