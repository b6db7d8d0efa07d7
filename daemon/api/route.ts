import type { Request, Response } from 'express';
import type * as z from 'zod';
import type { Touches } from '../access/rights.ts';
import type { Caller } from '../context.ts';
import type { ReplyOf, RequestOf, Route } from '../protocol/routes.ts';
import type { Rights, Role } from '../protocol/token.ts';
import type { Service } from './service.ts';

/** Names what a request touches, which the scopes of tokens are checked against; a function where that depends on the request. */
export type Touching<T> = 'nothing' | 'everything' | ((request: T) => Touches);

/** One route that answers with JSON: who may call it, how its request is checked, what it changes and what answers it. */
export interface RouteRow<R extends Route> {
  /** Whatever names a path of this machine acts for its user and is an admin's. */
  role: Role;
  schema: z.ZodType<RequestOf<R>>;
  touches: Touching<RequestOf<R>>;
  handler(service: Service, request: RequestOf<R>, caller: Caller): ReplyOf<R> | Promise<ReplyOf<R>>;
}

/** The rows of some routes. A missing, extra or incomplete row does not compile. */
export type RouteRows<T> = { readonly [R in keyof T & Route]: RouteRow<R> };

export interface Exchange {
  request: Request;
  response: Response;
  /** Throws `unauthorized` for a request that came in without a token, as one to an open route may. */
  rights(): Rights;
  /** The program's version. */
  version: string;
  openapi(): object;
}

/** One route that answers by itself, with text or bytes. */
export interface RawRow {
  /** `open`: anybody on this machine may ask, without a token. */
  role: Role | 'open';
  touches: 'nothing' | 'everything';
  /** The request as OpenAPI describes it; absent where no program is meant to ask. */
  documented?: z.ZodType;
  handler(service: Service, exchange: Exchange): void | Promise<void>;
}

/** By method and path. */
export type RawRows = Readonly<Record<`${'GET' | 'POST'} /${string}`, RawRow>>;

export function touchesOf<T>(touching: Touching<T>, request: T): Touches {
  return typeof touching === 'function' ? touching(request) : touching;
}
