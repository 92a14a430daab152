import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const self = 'tools/house-rules.test.ts';
const members = ['media', 'contract', 'base', 'agent', 'hub', 'aws', 'web', 'simulator', 'cli'];
const longestFileLines = 400;
/** Tables of constants from a standard and state machines may be longer; each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const sources = tracked.filter((file) => /\.tsx?$/.test(file));
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.includes('/test/');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

type Import = { readonly from: string; readonly typeOnly: boolean };

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      found.push({ from: node.moduleSpecifier.text, typeOnly });
    }
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0] &&
      ts.isStringLiteral(node.arguments[0])
    ) {
      found.push({ from: node.arguments[0].text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `member/room` of a file, or undefined for files that stand in no room (entries, tools). */
function roomOf(file: string): string | undefined {
  const match = /^([a-z]+)\/src\/([a-z0-9-]+)\//.exec(file);
  return match && members.includes(match[1]!) ? `${match[1]}/${match[2]}` : undefined;
}

function allowedTable(): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (const line of read('ARCHITECTURE.md').split('\n')) {
    const match = /^\| ([a-z0-9]+\/[a-z0-9*-]+) \| (.*) \|$/.exec(line);
    if (match && match[1] !== 'member/room')
      table.set(
        match[1]!,
        match[2]!.split(/[ ,]+/).filter((word) => word.includes('/')),
      );
  }
  return table;
}

const table = allowedTable();
const matches = (pattern: string, room: string): boolean =>
  pattern === room || (pattern.endsWith('/*') && room.startsWith(pattern.slice(0, -1)));
const allowedFor = (room: string): string[] | undefined => table.get(room) ?? table.get(`${room.split('/')[0]}/*`);

/** Files outside the members (tools, benchmarks) have no `#room` and name the door itself. */
const isDoor = (target: string): boolean => /^[a-z]+\/src\/[a-z0-9-]+\/index\.ts$/.test(target);

/** Room that an import specifier leads to, if it leads into the house. */
function targetOf(file: string, from: string): { room: string; byDoor: boolean } | undefined {
  const member = file.split('/')[0]!;
  if (from.startsWith('#')) return { room: `${member}/${from.slice(1)}`, byDoor: !from.includes('/') };
  const across = /^@porchlight\/([a-z]+)\/([a-z0-9-]+)(\/.*)?$/.exec(from);
  if (across) return { room: `${across[1]}/${across[2]}`, byDoor: across[3] === undefined };
  if (!from.startsWith('.')) return undefined;
  const target = join(dirname(file), from).replaceAll('\\', '/');
  const room = roomOf(target);
  return room === undefined ? undefined : { room, byDoor: room === roomOf(file) || isDoor(target) };
}

test('every room is in the table of allowed imports and every row names a room that exists', () => {
  const rooms = new Set(sources.map(roomOf).filter((room) => room !== undefined));
  for (const room of rooms) assert.ok(allowedFor(room), `${room} has no row in ARCHITECTURE.md`);
  for (const pattern of table.keys()) {
    assert.ok(
      [...rooms].some((room) => matches(pattern, room)),
      `ARCHITECTURE.md names ${pattern}, which does not exist`,
    );
  }
  assert.ok(rooms.size > 20, 'the walk found no rooms');
});

test('rooms import other rooms only through their doors and only as the table allows', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const room = roomOf(file);
    for (const { from } of importsOf(file)) {
      const target = targetOf(file, from);
      if (!target || target.room === room) continue;
      if (!target.byDoor) wrong.push(`${file}: ${from} goes around the door of ${target.room}`);
      if (room === undefined || target.room === 'base/testing') {
        if (target.room === 'base/testing' && !isTest(file) && !/^(bench|e2e|tools)\/|\/testing\//.test(file))
          wrong.push(`${file}: ${from} is for tests only`);
        continue;
      }
      const own =
        isTest(file) &&
        (target.room.split('/')[0] === room.split('/')[0] ||
          ['base', 'media', 'simulator'].includes(target.room.split('/')[0]!));
      if (!own && !allowedFor(room)?.some((pattern) => matches(pattern, target.room)))
        wrong.push(`${file}: ${room} may not import ${target.room}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('rooms of one member never import each other in a circle', () => {
  const edges = new Map<string, Set<string>>();
  for (const file of sources.filter((name) => !isTest(name))) {
    const room = roomOf(file);
    if (room === undefined) continue;
    for (const { from, typeOnly } of importsOf(file)) {
      const target = targetOf(file, from);
      if (target && target.room !== room && !typeOnly) edges.set(room, (edges.get(room) ?? new Set()).add(target.room));
    }
  }
  const walk = (room: string, path: string[]): void => {
    assert.ok(!path.includes(room), `circle: ${[...path.slice(path.indexOf(room)), room].join(' → ')}`);
    for (const next of edges.get(room) ?? []) walk(next, [...path, room]);
  };
  for (const room of edges.keys()) walk(room, []);
});

test('recorder and playback never import each other', () => {
  for (const file of sources) {
    const forbidden = file.startsWith('agent/src/recorder/')
      ? 'agent/playback'
      : file.startsWith('agent/src/playback/')
        ? 'agent/recorder'
        : undefined;
    if (forbidden === undefined) continue;
    for (const { from } of importsOf(file)) assert.notEqual(targetOf(file, from)?.room, forbidden, file);
  }
});

test('media and contract know no platform: neither Node nor npm packages but zod', () => {
  for (const file of sources.filter((name) => /^(media|contract)\/src\//.test(name) && !isTest(name))) {
    for (const { from } of importsOf(file)) {
      const inside = from.startsWith('.') || from.startsWith('#') || (file.startsWith('contract/') && from === 'zod');
      assert.ok(inside, `${file} imports ${from}`);
    }
  }
});

test('every room has a door with a header comment, and doors name what they export', () => {
  const rooms = new Set(
    sources
      .filter((file) => !file.startsWith('web/'))
      .map(roomOf)
      .filter((room) => room !== undefined),
  );
  for (const room of rooms) {
    const [member, name] = room.split('/');
    if (member === 'aws' && name === 'lambda') continue;
    const door = `${member}/src/${name}/index.ts`;
    assert.ok(existsSync(join(root, door)), `${room} has no door`);
    assert.match(
      read(door),
      /^\/\*\*[\s\S]*?\*\//,
      `${door} starts with a comment that says what comes in and goes out`,
    );
  }
  for (const file of sources) {
    assert.ok(!/^export \* /m.test(read(file)), `${file}: name what is exported`);
    if (!/(\.config\.ts|vite\.config\.ts)$/.test(file))
      assert.ok(!/^export default /m.test(read(file)), `${file}: no default export`);
  }
});

test('no file grows over the limit', () => {
  for (const file of sources.filter((name) => !isTest(name))) {
    const lines = read(file).split('\n').length;
    assert.ok(lines <= longestFileLines || longFiles[file] !== undefined, `${file} has ${lines} lines: divide it`);
  }
  for (const file of Object.keys(longFiles)) assert.ok(tracked.includes(file), `${file} is gone: take it off the list`);
});

test('file names are kebab-case nouns, none of them a catch-all', () => {
  for (const file of sources) {
    const name = file.split('/').at(-1)!;
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))*\.tsx?$/, file);
    assert.doesNotMatch(name, /^(utils?|helpers?|common|misc|manager|impl)\./, file);
  }
});

test('only the clock room reads time on its own', () => {
  const allowed = /^(base\/src\/clock\/|bench\/|e2e\/|tools\/|web\/)/;
  for (const file of sources.filter((name) => !isTest(name) && !allowed.test(name))) {
    assert.ok(!/\bDate\.now\(\)|performance\.now\(\)/.test(read(file)), `${file}: take a Clock`);
  }
});

test('links between documents lead somewhere', () => {
  for (const file of tracked.filter((name) => name.endsWith('.md'))) {
    for (const [, link] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link!) || link!.startsWith('#')) continue;
      assert.ok(existsSync(join(root, dirname(file), link!.split('#')[0]!)), `${file} links to ${link}`);
    }
  }
});

test('the repository holds no machine paths, registry hosts, footage or marks of unfinished work', () => {
  const machine = new RegExp(`${['/', 'work', '/'].join('')}(main|shared)|/root/|/home/[a-z]+/`);
  const registry = new RegExp(
    ['registry', 'npmjs'].join('\\.') + '|deb\\.debian\\.org|https?://(registry|deb|proxy|files|index)[.-]',
  );
  for (const file of tracked.filter((name) => !/\.(png|mp4|mov|ico|webp)$/.test(name))) {
    const text = read(file);
    assert.ok(!machine.test(text) || file === self, `${file} names a path of one machine`);
    assert.ok(!registry.test(text) || file === self, `${file} names a registry host`);
    if (/\.tsx?$/.test(file) && file !== self) {
      assert.ok(
        !/\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck|eslint-disable|\b(it|test|describe)\.(only|skip)\(/.test(text),
        `${file} has a mark of unfinished work`,
      );
    }
  }
});
