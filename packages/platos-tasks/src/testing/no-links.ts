import type { WaitLinks } from "../server/wait-links.ts";

/** For event feeds of tests that look at no waitpoints. */
export const noLinks: WaitLinks = { of: () => ({ publicUrl: null, webhookUrl: null }) };
