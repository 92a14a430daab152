export async function runFuzz(options: { minutes: number; seed: number }): Promise<{ missed: string[] }> {
  return { missed: [`not yet ${options.seed}`] };
}
