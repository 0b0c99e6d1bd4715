import type {Methods} from "../results";

/** An option that a form shows. Its value is a text, as in the address of the page. */
export interface Field {
  name: string;
  label: string;
  help: string;
  kind: "text" | "number" | "check" | "choice";
  default: string;           // of a check: "yes" or "no"
  choices?: readonly string[];  // of a choice; of a text: suggestions
  whole?: boolean;           // of a number
  least?: number;
  most?: number;
}

type Values = Readonly<Record<string, string>>;

export const value_of = (field: Field, values: Values): string => values[field.name] ?? field.default;

/** The values with one changed; those that equal the default are left out. */
export function with_value(field: Field, values: Values, value: string): Record<string, string> {
  const next = {...values};
  if (value === field.default || value === "") delete next[field.name];
  else next[field.name] = value;
  return next;
}

/** The options of a request: fields that differ from the default, with their JSON types. */
export function request_options(fields: readonly Field[], values: Values): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const field of fields) {
    const value = value_of(field, values);
    if (value === field.default) continue;
    if (field.kind === "check") options[field.name] = value === "yes";
    else if (field.kind === "number") options[field.name] = Number(value);
    else options[field.name] = value;
  }
  return options;
}

export type Method = Methods["methods"][number];

/** The options of a method as fields. */
export function method_fields(method: Method): Field[] {
  return method.options.map((option) => ({
    name: option.name, label: option.name, help: option.description, default: option.default,
    kind: option.choices.length > 0 ? "choice" : "number", choices: option.choices, whole: option.whole,
    least: option.least, most: option.most}));
}
