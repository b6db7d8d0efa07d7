import * as z from 'zod';
import type { Json } from '../../../protocol/json.ts';
import * as tracking from '../../../tracking/assessments.ts';
import { change, read, required, type Routes } from '../request-fields.ts';

const ofTrace = z.object({ trace_id: required });
const ofAssessment = ofTrace.extend({ assessment_id: required });
const assessment = z.record(z.string(), z.json());
const changeable = ['assessment_name', 'expectation', 'feedback', 'rationale', 'metadata', 'overrides', 'valid'];

/** Routes for assessments of traces by people and judges, stored as sent. */
export const assessments: Routes = {
  'POST 3.0/traces/:trace_id/assessments': change({
    role: 'contributor',
    schema: ofTrace.extend({ assessment: assessment.refine((given) => typeof given['assessment_name'] === 'string') }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => ({
      assessment: await tracking.addAssessment(ctx, asked.trace_id, asked.assessment as Record<string, Json>),
    }),
  }),
  'GET 3.0/traces/:trace_id/assessments/:assessment_id': read(ofAssessment, ({ ctx }, asked) => ({
    assessment: tracking.findAssessment(ctx, asked.trace_id, asked.assessment_id),
  })),
  'PATCH 3.0/traces/:trace_id/assessments/:assessment_id': change({
    role: 'contributor',
    schema: ofAssessment.extend({ assessment }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const change = Object.entries(asked.assessment).filter(([key]) => changeable.includes(key));
      const given = Object.fromEntries(change) as Record<string, Json>;
      return { assessment: await tracking.changeAssessment(ctx, asked.trace_id, asked.assessment_id, given) };
    },
  }),
  'DELETE 3.0/traces/:trace_id/assessments/:assessment_id': change({
    role: 'contributor',
    schema: ofAssessment,
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.dropAssessment(ctx, asked.trace_id, asked.assessment_id);
      return {};
    },
  }),
};
