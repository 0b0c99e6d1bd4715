import type {Tracing} from "../../results";

export type Variant = Tracing["variants"][number];
export type Closeness = Variant["steps"][number]["closeness"];

/** The CSS class of a variant's lines; every variant has the same one in all charts. */
export function line_class({rules}: Variant): string {
  return {"published, float32": "line-2", "published, float64": "line-1", "mended": "line-0"}[rules];
}

/** How close a variant is after a layer; null if it ended before. */
export function closeness_at(layer: Tracing["layers"][number], {rules}: Variant): Closeness | null {
  return {"published, float32": layer.published_float32, "published, float64": layer.published_float64,
          "mended": layer.mended}[rules];
}
