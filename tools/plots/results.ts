import { z } from 'zod';

/** Files of bench/results that are drawn: what each benchmark writes with `--json`. */
const resultOf = <Figures extends z.ZodType>(benchmark: string, figures: Figures) =>
  z.object({
    benchmark: z.literal(benchmark),
    takenAt: z.iso.date(),
    machine: z.object({ cores: z.int(), memoryGiB: z.number() }),
    figures,
  });

const figure = z.object({ median: z.number(), worst: z.number() });

export const curveSchema = resultOf(
  'curve',
  z.object({
    points: z
      .array(
        z.object({
          cameras: z.int().min(1),
          cpuPercent: z.number().positive(),
          pssMiB: z.number().positive(),
          trouble: z.string().optional(),
        }),
      )
      .min(2),
  }),
);

export const recordSchema = resultOf(
  'record',
  z.object({
    cameras: z.int().min(1),
    agent: z.object({ cpuPercentPerCamera: figure, pssMiB: figure }),
    peers: z.array(
      z.object({ peer: z.string(), cameras: z.int(), cpuPercentPerCamera: figure, pssMiBPerCamera: figure }),
    ),
  }),
);

const times = z.object({ p95Ms: z.number() });
export const indexSchema = resultOf(
  'index',
  z.object({
    rows: z.int(),
    monthOfOne: times,
    dayOfAll: times,
    coverageOfMonth: times,
    hourOfSegments: times,
  }),
);

export type Curve = z.infer<typeof curveSchema>;
export type Recorded = z.infer<typeof recordSchema>;
export type IndexAnswers = z.infer<typeof indexSchema>;
