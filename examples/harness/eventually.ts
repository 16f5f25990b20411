const pollMs = 100;
const withinMs = 60_000;

/** Asks until there is an answer: a server whose database has just come back may refuse once more. */
export async function eventually<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
