import type { ModelRoutes } from './routes/models.ts';
import type { PointerRoutes } from './routes/pointers.ts';
import type { PolicyRoutes } from './routes/policies.ts';
import type { SystemRoutes } from './routes/system.ts';
import type { TokenRoutes } from './routes/tokens.ts';
import type { VersionRoutes } from './routes/versions.ts';
import type { WebhookRoutes } from './routes/webhooks.ts';
import type { WatchRoutes } from './routes/watch.ts';

/** Every route that replies with JSON, by method and path, with its request and reply. A request joins path parameters, query and body. */
export interface Routes
  extends
    ModelRoutes,
    VersionRoutes,
    PointerRoutes,
    PolicyRoutes,
    WatchRoutes,
    TokenRoutes,
    WebhookRoutes,
    SystemRoutes {}

export type Route = keyof Routes;
export type RequestOf<R extends Route> = Routes[R][0];
export type ReplyOf<R extends Route> = Routes[R][1];
