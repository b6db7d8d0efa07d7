import * as z from 'zod';
import type { PointerRoutes } from '../../protocol/routes/pointers.ts';
import { currentVersionsAt } from '../../registry/history.ts';
import { archive, restore } from '../../registry/pointers/version-stage.ts';
import { promote, removeAlias, rollback } from '../../registry/pointers/promote.ts';
import { undo } from '../../registry/pointers/undo.ts';
import { moveIn, touchesModel, touchesPointer } from '../pointer-request.ts';
import type { RouteRows } from '../route.ts';
import { expected, move, ofModel, ofVersion, reason, text } from '../schema.ts';

export const pointers = {
  'GET /models/:model/holders': {
    role: 'viewer',
    schema: ofModel.extend({ at: z.coerce.number().int().optional() }),
    touches: 'nothing',
    handler: ({ ctx }, { model, at }) => ({ pointers: currentVersionsAt(ctx, model, at) }),
  },
  'POST /models/:model/versions/:version/promote': {
    role: 'contributor',
    schema: ofVersion.extend(move),
    touches: touchesPointer,
    handler: ({ ctx }, request, caller) => promote(ctx, caller, request.model, request.version, moveIn(request)),
  },
  'POST /models/:model/rollback': {
    role: 'contributor',
    schema: ofModel.extend({ ...move, to: text.optional() }),
    touches: touchesPointer,
    handler: ({ ctx }, request, caller) => rollback(ctx, caller, request.model, moveIn(request), request.to),
  },
  'POST /models/:model/unalias': {
    role: 'contributor',
    schema: ofModel.extend({ alias: text, reason, expect: expected }),
    touches: touchesPointer,
    handler: ({ ctx }, request, caller) => removeAlias(ctx, caller, request.model, moveIn(request)),
  },
  'POST /models/:model/versions/:version/archive': {
    role: 'contributor',
    schema: ofVersion.extend({ reason }),
    touches: ({ model }) => ({ models: [model], pointers: ['archived'] }),
    handler: ({ ctx }, { model, version, reason: why }, caller) => archive(ctx, caller, model, version, why ?? ''),
  },
  'POST /models/:model/versions/:version/restore': {
    role: 'contributor',
    schema: ofVersion.extend({ reason }),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, reason: why }, caller) => restore(ctx, caller, model, version, why ?? ''),
  },
  'POST /undo': {
    role: 'contributor',
    schema: z.strictObject({ seq: z.number().int().min(1) }),
    touches: 'everything',
    handler: ({ ctx }, { seq }, caller) => undo(ctx, caller, seq),
  },
} satisfies RouteRows<PointerRoutes>;
