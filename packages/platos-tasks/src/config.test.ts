import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("secrets of webhooks are read by the name behind the prefix", () => {
  const config = readConfig({ PLATOS_WEBHOOK_SECRET_MY_SHOP: "a secret of the shop", PLATOS_WEBHOOK_SECRET_OLD: "" });
  expect([...config.webhookSecrets]).toEqual([["MY_SHOP", "a secret of the shop"]]);
});

test("a secret that is too short, or has no name, is listed with all other mistakes", () => {
  const read = () =>
    readConfig({ PORT: "x", PLATOS_WEBHOOK_SECRET_SHOP: "short", PLATOS_WEBHOOK_SECRET_: "a secret of nobody" });
  expect(read).toThrow(/PORT.*PLATOS_WEBHOOK_SECRET_SHOP: must have at least 16.*PLATOS_WEBHOOK_SECRET_: must end/su);
});
