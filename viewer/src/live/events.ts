// Server-sent events from a stream of bytes (HTML Standard, 9.2.6), as far as the server uses them.

export interface ServerEvent { name: string; data: string; }

/** Takes a text in pieces and returns the events that are complete. */
export class EventParser {
  private readonly pieces: string[] = [];  // joined only when an event ends: a result is long

  take(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    let begin = 0;
    // An event ends with an empty line; its two line breaks may come in different pieces.
    if (this.pieces.length > 0 && this.pieces[this.pieces.length - 1].endsWith("\n") && text.startsWith("\n")) {
      events.push(this.finish(""));
      begin = 1;
    }
    for (let end = text.indexOf("\n\n", begin); end >= 0; end = text.indexOf("\n\n", begin)) {
      events.push(this.finish(text.slice(begin, end)));
      begin = end + 2;
    }
    if (begin < text.length) this.pieces.push(text.slice(begin));
    return events.filter(({data}) => data !== "");
  }

  private finish(last: string): ServerEvent {
    const block = this.pieces.join("") + last;
    this.pieces.length = 0;
    let name = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    }
    return {name, data: data.join("\n")};
  }
}
