import {section} from "./section";
import {table} from "./table";

/** Images that could not be used; null if there are none. */
export function skipped_section(skipped: readonly {name: string; reason: string}[]): HTMLElement | null {
  if (!skipped.length) return null;
  return section("Images that were not used", table(skipped, [
    {title: "image", cell: ({name}) => name}, {title: "reason", cell: ({reason}) => reason}], {label: "Skipped images"}));
}
