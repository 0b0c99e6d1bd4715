import type {Methods} from "../results";
import {EventParser} from "./events";

// The server's API (docs/openapi.json).

export interface ServedModel {
  id: string;
  name: string;
  embedded: boolean;
  rows: number;
  columns: number;
  default_classes: string[];
  caution: string | null;
}

export interface ServedImage {
  id: string;
  name: string;
  source: "example" | "folder" | "upload";
  path: string | null;
}

export interface ServedImages { images: ServedImage[]; folder: string | null; more: boolean; }

export interface ApiProgress { stage: string; done: number; total: number; }

/** An answer that says what is wrong. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, readonly where: string, message: string,
              readonly retry_after: number | null = null) {
    super(message);
  }
}

/** No answer: the server does not run, or the connection broke. */
export class NoAnswer extends Error {}

const root = "/api/v1/";
export const image_address = (id: string): string => `${root}image?id=${encodeURIComponent(id)}`;
export const thumbnail_address = (id: string): string => `${image_address(id)}&size=thumbnail`;

async function send(address: string, options: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new NoAnswer("the server does not answer");
  }
  if (!answer.ok) throw await error_of(answer);
  return answer;
}

async function error_of(answer: Response): Promise<ApiError> {
  const seconds = Number(answer.headers.get("Retry-After"));
  const text = await answer.text().catch(() => "");
  return read_error(text, answer.status, seconds > 0 ? seconds : null);
}

/** The error in an answer's text. */
export function read_error(text: string, status: number, retry_after: number | null = null): ApiError {
  try {
    const {error} = JSON.parse(text);
    return new ApiError(status, String(error.code), String(error.where ?? ""), String(error.message), retry_after);
  } catch {
    return new ApiError(status, "internal", "", `The server answered with status ${status}.`, retry_after);
  }
}

async function get_json<Answer>(path: string): Promise<Answer> {
  const answer = await send(root + path);
  return await answer.json() as Answer;
}

export const get_models = async (): Promise<ServedModel[]> =>
  (await get_json<{models: ServedModel[]}>("models")).models;
export const get_methods = (): Promise<Methods> => get_json("methods");
export const get_images = (): Promise<ServedImages> => get_json("images");

export async function is_alive(): Promise<boolean> {
  return fetch("/healthz", {cache: "no-store"}).then(({ok}) => ok, () => false);
}

/** Gives an image to the server. Returns its id. */
export async function upload(file: Blob, name: string, signal?: AbortSignal): Promise<string> {
  const answer = await send(`${root}images?name=${encodeURIComponent(name)}`, {method: "POST", body: file, signal});
  return (await answer.json() as {id: string}).id;
}

/** A file made from a result. `result` is its JSON as the server wrote it. */
export async function make_file(kind: "page" | "overlay", image: string | null, result: string): Promise<Blob> {
  const body = `{"image":${JSON.stringify(image)},"result":${result}}`;
  const answer = await send(root + kind, {method: "POST", body, headers: {"Content-Type": "application/json"}});
  return answer.blob();
}

export interface CallBody {
  model?: string;
  image?: string;
  options: Record<string, unknown>;
}

export interface CallEvents {
  signal: AbortSignal;
  on_queued?: (position: number) => void;
  on_progress?: (progress: ApiProgress) => void;
}

/** Computes a result; returns its JSON. An aborted call is cancelled on the server. */
export async function call(name: string, body: CallBody, events: CallEvents): Promise<string> {
  const answer = await send(root + name, {
    method: "POST", body: JSON.stringify(body), signal: events.signal,
    headers: {"Content-Type": "application/json", "Accept": "text/event-stream"}});
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return answer.text();
  return read_events(answer, events);
}

async function read_events(answer: Response, events: CallEvents): Promise<string> {
  const reader = answer.body!.getReader(), decoder = new TextDecoder(), parser = new EventParser();
  for (;;) {
    const {done, value} = await reader.read().catch((error: Error) => {
      if (error.name === "AbortError") throw error;
      throw new NoAnswer("the connection to the server broke");
    });
    if (done) throw new NoAnswer("the connection to the server ended before the result");
    for (const {name, data} of parser.take(decoder.decode(value, {stream: true}))) {
      if (name === "result") return data;
      if (name === "error") throw read_error(data, Number(JSON.parse(data).status) || 500);
      if (name === "queued") events.on_queued?.(Number(JSON.parse(data).position));
      if (name === "progress") events.on_progress?.(JSON.parse(data) as ApiProgress);
    }
  }
}
