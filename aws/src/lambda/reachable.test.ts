import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../../..');

/** All that may be reached from outside the house; anything else fails, so that a new dependency is a decision. */
const allowed = new Set(['hono', 'hono/aws-lambda', 'zod', 'pino', 'node:crypto', 'node:fs', 'node:path']);

function importsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return;
    if (ts.isExportDeclaration(node) && node.isTypeOnly) return;
    const named = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
    if (named && ts.isStringLiteral(named)) found.push(named.text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      assert.ok(argument && ts.isStringLiteral(argument), `${file} imports what cannot be read`);
      found.push(argument.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** File of an import inside the house, or undefined for a package. */
function toFile(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return resolve(dirname(from), specifier);
  const member = relative(root, from).split('/')[0]!;
  const room = specifier.startsWith('#') ? [member, specifier.slice(1)] : undefined;
  const across = /^@porchlight\/([a-z]+)\/([a-z0-9-]+)$/.exec(specifier);
  const [owner, name] = room ?? across?.slice(1) ?? [];
  return owner === undefined || name === undefined ? undefined : join(root, owner, 'src', name, 'index.ts');
}

function walk(entry: string): { files: Set<string>; packages: Map<string, string> } {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    assert.ok(existsSync(file), `${file} is imported but not there`);
    files.add(file);
    for (const specifier of importsOf(file)) {
      const next = toFile(file, specifier);
      if (next === undefined) packages.set(specifier, relative(root, file));
      else queue.push(next);
    }
  }
  return { files, packages };
}

test('nothing reachable from a Lambda function listens, opens a database file or holds native code', () => {
  const { files, packages } = walk(join(import.meta.dirname, 'index.ts'));
  assert.ok(files.size > 30, `the walk found only ${files.size} files`);
  assert.ok(packages.has('hono') && packages.has('node:crypto'), 'the walk sees packages');
  const wrong = [...packages].filter(([name]) => !allowed.has(name)).map(([name, by]) => `${name} by ${by}`);
  assert.deepEqual(wrong, []);
  const rooms = [...files]
    .map((file) => relative(root, file))
    .filter((file) => /^(agent|hub\/src\/(local|serve|proxy|house))\//.test(file));
  assert.deepEqual(rooms, []);
});

test('the walk would see what must not be there', () => {
  const { packages } = walk(join(root, 'hub/src/local/index.ts'));
  for (const name of ['aedes', 'node:sqlite', 'better-auth']) assert.ok(packages.has(name), name);
});
