import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../../packages/platos-tasks/src/cli/main.ts", import.meta.url));
const longestMs = 300_000;

/** What `platos doctor --at-rest` prints on this database, as an operator would call it. */
export interface DoctorReport {
  readonly isHealthy: boolean;
  readonly output: string;
}

export async function runDoctor(databaseUrl: string): Promise<DoctorReport> {
  const args = ["--conditions=platos-source", program, "doctor", "--at-rest"];
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: databaseUrl };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: longestMs });
    return { isHealthy: true, output: stdout };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    return { isHealthy: false, output: stdout + stderr };
  }
}
