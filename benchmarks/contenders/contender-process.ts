// Runs one contender and does what the parent asks for by IPC, one thing at a time.
import { openBare } from "./bare.ts";
import type { ContenderRequest, ContenderReply } from "./contender-messages.ts";
import type { Contender, ContenderSettings } from "./contender.ts";
import { openPlain } from "./plain.ts";
import { openPlatos, openPlatosWorker } from "./platos.ts";

const openers = {
  plain: openPlain,
  bare: openBare,
  platos: (settings: ContenderSettings) => openPlatos(settings, "all"),
  "platos-server": (settings: ContenderSettings) => openPlatos(settings, "server"),
  "platos-worker": openPlatosWorker,
} as const;

const [name = "", settings = ""] = process.argv.slice(2);
const contender = await openers[name as keyof typeof openers](JSON.parse(settings) as ContenderSettings);
process.on("message", (request: ContenderRequest) => void reply(request));
process.once("disconnect", () => process.exit(0));
send({ value: "ready" });

async function reply(request: ContenderRequest): Promise<void> {
  try {
    send({ value: await answer(contender, request) });
  } catch (error) {
    send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  // Leaves by itself, so that a profile is written.
  if (request.do === "close") process.disconnect();
}

function answer(of: Contender, request: ContenderRequest): unknown {
  switch (request.do) {
    case "run":
      return of.run(request.work);
    case "starts":
      return of.measureStarts(request.count);
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    }
    case "close":
      return of.close();
  }
}

function send(message: ContenderReply): void {
  process.send?.(message);
}
