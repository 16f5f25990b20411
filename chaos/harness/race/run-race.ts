import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { failureBound, sortedFigures, unexpected } from "../figures.ts";
import { Random } from "../random.ts";
import { RaceGround } from "./race-ground.ts";

/** One try at making the product break its word. */
export interface Trial {
  readonly ground: RaceGround;
  /** From 0. */
  readonly index: number;
  /** From 0 to below the race's `lanes`; trials of one lane follow each other. */
  readonly lane: number;
  readonly random: Random;
  /** Counts something that happened, under a name that becomes a figure. */
  readonly count: (figure: string, times?: number) => void;
  /** Says that something happened which must never happen. */
  readonly alarm: (sentence: string) => void;
}

/** What is to be said of all trials together. */
export interface RaceEnd extends Pick<Trial, "ground" | "alarm"> {
  readonly figure: (name: string, value: number) => void;
}

export interface Race {
  readonly summary: string;
  /** How many trials there are unless a number is given: what each push can afford. */
  readonly ciTrials: number;
  /** What a release is held to; named in the list of exercises. */
  readonly releaseTrials: number;
  /** Trials under way at once. */
  readonly lanes: number;
  readonly runtimes: number;
  /** Figures that must not be zero at the end: a race that one side always wins is none. */
  readonly mustHappen: readonly string[];
  run(trial: Trial): Promise<void>;
}

/** A race for which something must be set up on the ground first. */
export interface StagedRace<Stage> extends Omit<Race, "run"> {
  /** `closing` takes the stage away when the trials are over. */
  prepare(ground: RaceGround, closing: AsyncDisposableStack): Promise<Stage>;
  run(trial: Trial, stage: Stage): Promise<void>;
  /** Looks back over all trials, while the stage still stands. */
  conclude?(end: RaceEnd, stage: Stage): Promise<void>;
}

const progressEveryMs = 10_000;
/** More would only say the same again. */
const maxAlarms = 50;

/** A race as an exercise: its trials, then every invariant over the whole database. */
export function raceExercise(race: Race): Exercise {
  return stagedRaceExercise({ ...race, prepare: async () => null });
}

export function stagedRaceExercise<Stage>(race: StagedRace<Stage>): Exercise {
  return {
    summary: `${race.summary} (trials: ${race.ciTrials}, for a release ${race.releaseTrials})`,
    async run(options) {
      const ground = await RaceGround.open(options.closing, { runtimes: race.runtimes });
      const staged = options.closing.use(new AsyncDisposableStack());
      const stage = await race.prepare(ground, staged);
      const run = new RaceRun({ ...race, run: (trial) => race.run(trial, stage) }, ground, options);
      await run.trials();
      await race.conclude?.(run.end(), stage);
      await staged.disposeAsync();
      return run.report();
    },
  };
}

class RaceRun {
  readonly #race: Race;
  readonly #ground: RaceGround;
  readonly #options: ExerciseOptions;
  readonly #trials: number;
  readonly #alarms: string[] = [];
  readonly #figures = new Map<string, number>();
  #next = 0;
  #seconds = 0;

  constructor(race: Race, ground: RaceGround, options: ExerciseOptions) {
    this.#race = race;
    this.#ground = ground;
    this.#options = options;
    this.#trials = options.trials ?? race.ciTrials;
  }

  async trials(): Promise<void> {
    const beganMs = performance.now();
    const telling = setInterval(() => {
      this.#options.progress(`${this.#next} of ${this.#trials} trials, ${this.#alarms.length} alarms`);
    }, progressEveryMs);
    try {
      await Promise.all(Array.from({ length: this.#race.lanes }, (_, lane) => this.#runLane(lane)));
    } finally {
      clearInterval(telling);
    }
    this.#seconds = (performance.now() - beganMs) / 1000;
  }

  end(): RaceEnd {
    return {
      ground: this.#ground,
      figure: (name, value) => this.#figures.set(name, value),
      alarm: (sentence) => this.#alarm(sentence),
    };
  }

  async report(): Promise<ExerciseReport> {
    // Fewer trials may well all end the same way.
    const mustHappen = this.#trials >= this.#race.ciTrials ? this.#race.mustHappen : [];
    for (const figure of mustHappen) {
      if (!this.#figures.has(figure)) this.#alarm(`no race: in ${this.#trials} trials ${figure} never happened`);
    }
    for (const violation of await this.#ground.violations()) this.#alarm(violation);
    return { alarms: this.#alarms, figures: this.#sum() };
  }

  #sum(): Record<string, number> {
    const seconds = this.#seconds;
    return {
      trials: this.#trials,
      ...sortedFigures(this.#figures),
      seconds: Math.round(seconds),
      trialsPerSecond: Math.round(this.#trials / seconds),
      ...failureBound(this.#alarms, this.#trials),
    };
  }

  async #runLane(lane: number): Promise<void> {
    const { closing } = this.#options;
    while (this.#next < this.#trials && this.#alarms.length < maxAlarms && !closing.disposed) {
      const index = this.#next;
      this.#next += 1;
      const trial: Trial = {
        ground: this.#ground,
        index,
        lane,
        random: Random.of(this.#options.seed, "trial", index),
        count: (figure, times = 1) => this.#figures.set(figure, (this.#figures.get(figure) ?? 0) + times),
        alarm: (sentence) => this.#alarm(`trial ${index}: ${sentence}`),
      };
      try {
        await this.#race.run(trial);
      } catch (error) {
        trial.alarm(unexpected(error));
      }
    }
  }

  #alarm(sentence: string): void {
    if (this.#alarms.length < maxAlarms) this.#alarms.push(sentence);
  }
}
