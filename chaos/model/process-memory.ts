import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const lookEveryMs = 50;
const megabyte = 1024 * 1024;

/** Watches what this process holds, from now on. */
export class ProcessMemory {
  readonly #timer: NodeJS.Timeout;
  readonly #heldAtFirst: number;
  #peak = 0;

  constructor() {
    this.#heldAtFirst = held();
    this.#timer = setInterval(() => {
      this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
    }, lookEveryMs);
  }

  /** The most that it ever had, and what it holds now beyond what it held at first, in megabytes. */
  end(): { readonly peakMb: number; readonly grownMb: number } {
    clearInterval(this.#timer);
    return {
      peakMb: Math.round(this.#peak / megabyte),
      grownMb: Math.round((held() - this.#heldAtFirst) / megabyte),
    };
  }
}

/** What is left once everything that nobody holds is gone. */
function held(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
