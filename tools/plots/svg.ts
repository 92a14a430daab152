/** SVG as text: a frame that reads well in light and dark, and shapes with the few properties that charts need. */

export const width = 720;
const textPx = 13;

type Value = string | number;
/** Coordinates need no more than a tenth of a pixel. */
const write = (value: Value): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escape(value);
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One element; `content` is text. */
export function element(name: string, attributes: Readonly<Record<string, Value>>, content?: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${write(value)}"`);
  const head = `<${name}${written.join('')}`;
  return content === undefined ? `${head}/>` : `${head}>${escape(content)}</${name}>`;
}

export type Anchor = 'start' | 'middle' | 'end';

/** Words with their baseline's middle at a point. */
export function words(x: number, y: number, content: string, more: { anchor?: Anchor; class?: string } = {}): string {
  const attributes = { x, y, 'text-anchor': more.anchor ?? 'start', 'dominant-baseline': 'middle' };
  return element('text', more.class === undefined ? attributes : { ...attributes, class: more.class }, content);
}

/** About as wide as these words are drawn. */
export const widthOf = (content: string): number => content.length * textPx * 0.58;

const style = `
  svg { background: #ffffff; font: ${textPx}px system-ui, sans-serif; }
  text { fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #59636e; }
  .value { stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .axis { stroke: #59636e; stroke-width: 1; }
  .own { fill: #0969da; stroke: #0969da; }
  .peer { fill: #8c959f; stroke: #8c959f; }
  .line { fill: none; stroke-width: 2; }
  .hollow { fill: #ffffff; stroke-width: 2; }
  .bound { fill: none; stroke: #bc4c00; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .bound-words { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .value { stroke: #0d1117; }
    .grid { stroke: #30363d; }
    .axis { stroke: #9198a1; }
    .own { fill: #58a6ff; stroke: #58a6ff; }
    .peer { fill: #6e7681; stroke: #6e7681; }
    .hollow { fill: #0d1117; }
    .line { fill: none; }
    .bound { stroke: #f0883e; }
    .bound-words { fill: #f0883e; }
  }
`;

/** A whole picture. `source` says under it where its figures are from. */
export function picture(options: {
  readonly title: string;
  readonly source: string;
  readonly height: number;
  readonly shapes: readonly string[];
}): string {
  const { title, source, height, shapes } = options;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    element('title', { id: 'title' }, title),
    `<style>${style}</style>`,
    words(16, 22, title, { class: 'title' }),
    ...shapes,
    words(16, height - 14, source, { class: 'quiet' }),
    '</svg>\n',
  ].join('\n');
}
