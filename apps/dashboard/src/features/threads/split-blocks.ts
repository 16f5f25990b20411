/**
 * Cuts markdown that is still being written at blank lines outside of code fences, so that only its last block has to
 * be parsed again with each piece. Joined, the blocks are the text.
 */
export function splitBlocks(markdown: string): readonly string[] {
  const blocks: string[] = [];
  let block = "";
  let fence = "";
  for (const line of markdown.split(/(?<=\n)/u)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1] ?? "";
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence) && line.trim() === mark) fence = "";
    // A list or a quote goes on after a blank line: cutting there would number it anew.
    const goesOn = /^(?:\s|[-*+>|]|\d+[.)])/u.test(line);
    if (block.endsWith("\n\n") && fence === mark && !goesOn) {
      blocks.push(block);
      block = "";
    }
    block += line;
  }
  return block === "" ? blocks : [...blocks, block];
}
