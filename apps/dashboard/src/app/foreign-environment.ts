export interface EnvironmentPath {
  readonly org: string;
  readonly project: string;
  readonly env: string;
}

/** A link leads to an environment that this browser is not signed in to. */
export class ForeignEnvironment extends Error {
  override readonly name = "ForeignEnvironment";

  constructor(asked: EnvironmentPath, signedIn: EnvironmentPath) {
    super(
      `This link leads to ${pathOf(asked)}, and you are signed in to ${pathOf(signedIn)}. Sign in with a key of that environment to follow it.`,
    );
  }
}

function pathOf({ org, project, env }: EnvironmentPath): string {
  return `${org} / ${project} / ${env}`;
}
