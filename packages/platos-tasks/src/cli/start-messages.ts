import { isIPv4 } from "node:net";

/** Says what it means that the server listens beyond this machine; null when it does not. */
export function exposureWarning(host: string): string | null {
  const isLoopback = host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
  if (isLoopback) return null;
  return `Warning: HOST=${host} lets other machines reach this server, and its connections are not encrypted. Put a proxy with TLS before it and set PLATOS_PUBLIC_URL, or leave HOST out to stay on this machine.`;
}

/** Which model the seeded agent talks with; for the demo model also how to get a real one. */
export function modelLine(model: string): string {
  if (model !== "demo:scripted") return `The agent "assistant" talks with ${model}.`;
  return (
    'The agent "assistant" talks with demo:scripted, a demo model that follows rules and understands little. For a real ' +
    "one set ANTHROPIC_API_KEY, OPENAI_API_KEY or GOOGLE_GENERATIVE_AI_API_KEY, or OPENAI_COMPATIBLE_BASE_URL together " +
    "with PLATOS_MODEL=openai-compatible:<model>, and start again."
  );
}
