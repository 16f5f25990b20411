import { expect, test } from "vitest";
import { serverUrl } from "./server-connection.ts";
import { exposureWarning, modelLine } from "./start-messages.ts";

test.each([
  ["127.0.0.1", 3030, undefined, "http://127.0.0.1:3030"],
  ["0.0.0.0", 80, undefined, "http://127.0.0.1:80"],
  ["::", 3030, undefined, "http://[::1]:3030"],
  ["::1", 3030, undefined, "http://[::1]:3030"],
  ["10.0.0.1", 3030, "https://tasks.example.com", "https://tasks.example.com"],
])("a server on %s:%i with public address %s is reached at %s", (host, port, publicUrl, url) => {
  expect(serverUrl({ host, port, publicUrl })).toBe(url);
});

test("a port that the system chose has to be told", () => {
  expect(() => serverUrl({ host: "127.0.0.1", port: 0, publicUrl: undefined })).toThrow("pass --url");
});

test("only an address that other machines reach is warned of", () => {
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) expect(exposureWarning(host)).toBeNull();
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.example.com"]) {
    expect(exposureWarning(host)).toContain(`HOST=${host}`);
  }
});

test("the demo model is called one, with the variables that give a real one", () => {
  expect(modelLine("openai:gpt-5-mini")).toBe('The agent "assistant" talks with openai:gpt-5-mini.');
  const demo = modelLine("demo:scripted");
  for (const word of ["demo model", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_COMPATIBLE_BASE_URL"]) {
    expect(demo).toContain(word);
  }
});
