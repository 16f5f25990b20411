import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { PlatosHome } from "../platos-home.ts";
import { expectRefusal, expectWhole, type Trouble } from "../trouble.ts";

const nobody = 65_534;

/**
 * Root on a system without a `postgres` user, played by programs ahead in the PATH that know none: when it can be made
 * all is well, else the product says what to do.
 */
export const noAccount: Trouble = {
  figure: "startsWithoutAccount",
  needsRoot: true,
  async run(scene) {
    const household = await scene.newHousehold();
    const { home } = household;
    const PATH = await systemWithoutPostgres(home, { canMakeOne: false });
    await expectRefusal(scene, home, home.start({ PATH }), [
      /does not run as root/u,
      /useradd --system/u,
      /DATABASE_URL/u,
    ]);
    await systemWithoutPostgres(home, { canMakeOne: true });
    const platos = home.start({ PATH });
    await platos.untilReady();
    await expectWhole(scene, household, platos);
    await rm(join(home.dir, "programs"), { recursive: true });
  },
};

async function systemWithoutPostgres(
  home: PlatosHome,
  { canMakeOne }: { readonly canMakeOne: boolean },
): Promise<string> {
  const folder = join(home.dir, "programs");
  const made = join(folder, "made");
  await mkdir(folder, { recursive: true });
  const scripts = {
    id: `test -e ${made} && echo ${nobody}`,
    groupadd: "exit 0",
    useradd: canMakeOne ? `touch ${made}` : "echo 'useradd: cannot lock /etc/passwd' >&2; exit 1",
  };
  for (const [name, line] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return [folder, process.env["PATH"] ?? ""].join(delimiter);
}
