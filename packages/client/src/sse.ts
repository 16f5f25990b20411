/** One block of an event stream. A block without data still moves the cursor when it has an id. */
export interface SseBlock {
  readonly id: string | null;
  readonly event: string | null;
  readonly data: string | null;
  readonly retryMs: number | null;
}

/**
 * Reads server-sent events out of text that comes in pieces of any cut. Lines end in LF, CR or CRLF; comments are
 * skipped; several `data` lines are joined by LF. Source: WHATWG HTML, section 9.2.6.
 */
export class SseParser {
  #rest = "";
  #afterCr = false;
  #begun = false;
  #fields = noFields();

  push(chunk: string): SseBlock[] {
    const blocks: SseBlock[] = [];
    for (const line of this.#lines(chunk)) {
      if (line !== "") this.#readField(line);
      else if (this.#fields.touched) blocks.push(this.#take());
    }
    return blocks;
  }

  /** Whole lines only; what is left waits for the next chunk. */
  #lines(chunk: string): string[] {
    let text = chunk;
    if (!this.#begun && text !== "") {
      this.#begun = true;
      if (text.startsWith("\uFEFF")) text = text.slice(1);
    }
    // A CR that ended the last chunk was taken as a line end already: an LF now is its second half.
    if (this.#afterCr && text !== "") {
      if (text.startsWith("\n")) text = text.slice(1);
      this.#afterCr = false;
    }
    if (text.endsWith("\r")) this.#afterCr = true;
    const lines = (this.#rest + text).split(/\r\n|\r|\n/u);
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  #readField(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const raw = colon === -1 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    const fields = this.#fields;
    if (name === "data") fields.data.push(value);
    else if (name === "event") fields.event = value;
    else if (name === "id" && !value.includes("\0")) fields.id = value;
    else if (name === "retry" && /^\d+$/u.test(value)) fields.retryMs = Number(value);
    else return;
    fields.touched = true;
  }

  #take(): SseBlock {
    const { id, event, data, retryMs } = this.#fields;
    this.#fields = noFields();
    return { id, event, data: data.length === 0 ? null : data.join("\n"), retryMs };
  }
}

interface Fields {
  touched: boolean;
  id: string | null;
  event: string | null;
  data: string[];
  retryMs: number | null;
}

function noFields(): Fields {
  return { touched: false, id: null, event: null, data: [], retryMs: null };
}
