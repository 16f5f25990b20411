/** A page as text: Markdown or plain. */
export interface Page {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

interface Sentence {
  readonly text: string;
  readonly words: ReadonlySet<string>;
  /** Words of its heading, of the line that tells of it and of its page's title. */
  readonly around: ReadonlySet<string>;
  readonly heading: string;
  /** A term or a label: it tells of the next line rather than by itself. */
  readonly isLabel: boolean;
  readonly url: string;
}

/** Where one sentence asks a second thing. */
const anotherQuestion = /,?\s+and\s+(?=(?:how|wh(?:at|en|ere|ich|o|y))\b)/iu;
const maxQuestions = 6;
const maxQuoteChars = 400;

/** Quotes, for each question, the sentence of the pages that shares the rarest words with it, and where it stands. */
export function answerFrom(pages: readonly Page[], prose: string): string {
  const sentences = pages.flatMap(sentencesOf);
  const weights = weightsOf(sentences);
  const answers = questionsIn(prose).map((question) => {
    const best = bestSentence(question, sentences, weights);
    if (best === null) return `${question}\nI found nothing about this on the pages I read.`;
    // A cell or a line of a list says little without what stands above it.
    const heading = /[.!?]$/u.test(best.text) || best.heading === "" ? "" : `${best.heading}: `;
    return `${question}\n${heading}“${best.text.slice(0, maxQuoteChars)}” (${best.url})`;
  });
  const count = `${pages.length} ${pages.length === 1 ? "page" : "pages"}`;
  return [`I read ${count}. What fits best, word for word:`, ...answers].join("\n\n");
}

/** The questions of a request; all of it when it holds no question mark. */
export function questionsIn(prose: string): string[] {
  const text = prose
    .replaceAll(/https?:\/\/\S+/gu, (url) => /[.?!]$/u.exec(url)?.[0] ?? "")
    .replaceAll(/[ \t]+/gu, " ");
  const asked = text
    .match(/[^.!?\n]+\?/gu)
    ?.flatMap((question) => question.replace(/^(?:[^?]*:\s)?[\s\d.)*-]*/u, "").split(anotherQuestion))
    .map((question) => question.trim());
  const questions = asked ?? [text.trim()];
  return questions.filter((question) => wordsOf(question).size > 0).slice(0, maxQuestions);
}

function bestSentence(
  question: string,
  sentences: readonly Sentence[],
  weights: ReadonlyMap<string, number>,
): Sentence | null {
  const wanted = [...wordsOf(question)];
  const wantsFigure = /\b(?:how (?:much|many|long|old|big)|when|price|cost|what year|number)\b/iu.test(question);
  let best: Sentence | null = null;
  let bestScore = 0;
  for (const sentence of sentences) {
    let score = 0;
    for (const word of wanted) {
      const weight = weights.get(word) ?? 0;
      if (sentence.words.has(word)) score += weight;
      else if (sentence.around.has(word)) score += weight / 2;
    }
    if (wantsFigure && /\d/u.test(sentence.text)) score *= 1.4;
    if (sentence.isLabel) score /= 2;
    if (score > bestScore) [best, bestScore] = [sentence, score];
  }
  return best;
}

/** Rare words weigh more. */
function weightsOf(sentences: readonly Sentence[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { words, around } of sentences) {
    for (const word of new Set([...words, ...around])) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map([...counts].map(([word, count]) => [word, Math.log(1 + sentences.length / count)]));
}

function sentencesOf(page: Page): Sentence[] {
  const sentences: Sentence[] = [];
  let heading = "";
  let above = "";
  for (const line of page.text.split("\n")) {
    const text = plainText(line);
    const isRow = /^\s*\|/u.test(line);
    if (text === "" || /^[\s|:-]+$/u.test(line)) continue;
    if (/^\s*#{1,6}\s/u.test(line)) {
      [heading, above] = [text, ""];
      continue;
    }
    const around = wordsOf(`${heading} ${above} ${page.title}`);
    const isLabel = !isRow && text.length < 60 && !/^\s*[*+-]\s|\d|[.!?]$/u.test(line);
    for (const part of isRow ? [text] : text.split(/(?<=[.!?])\s+(?=["“(\p{Lu}\d])/u)) {
      sentences.push({ text: part, words: wordsOf(part), around, heading, isLabel, url: page.url });
    }
    // A table's first row tells of all its rows, a label of the one line below it.
    if (!(isRow && above.includes("|"))) above = isRow || isLabel ? text : "";
  }
  return sentences;
}

function plainText(line: string): string {
  return line
    .replace(/^\s*(?:#{1,6}\s+|[*+-]\s+|\d+\\?[.)]\s+|>\s*)+/u, "")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replaceAll(/(?<!\\)[*_`]{1,3}/gu, "")
    .replaceAll(/(?<!\\)\s*\|\s*/gu, " | ")
    .replaceAll(/\\([\p{P}\p{S}])/gu, "$1")
    .replaceAll(/^[\s|]+|[\s|]+$/gu, "");
}

const stopWords = new Set(
  (
    "a about all also an and any are as at be been below but by can could did do does for from get give had has have he " +
    "her his how i if in into is it its just may me my no not of on or our out please read scrape she site so tell that " +
    "the their them then there these they this to up us was we web website page pages were what when where which who " +
    "whom whose why will with would you your answer question questions following find"
  ).split(" "),
);

/** The telling words of a text, without their commonest endings. */
function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !stopWords.has(word)).map(stemOf));
}

function stemOf(word: string): string {
  if (word.length < 5) return word.length === 4 && word.endsWith("s") ? word.slice(0, -1) : word;
  return word.replace(/(?:ing|ies|ied|es|ed|s|e)$/u, "");
}
