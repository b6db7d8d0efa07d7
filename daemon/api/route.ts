import type { Request, Response } from 'express';
import type * as z from 'zod';
import type { Touches } from '../access/rights.ts';
import type { Caller } from '../context.ts';
import type { ReplyOf, RequestOf, Route } from '../protocol/routes.ts';
import type { Rights, Role } from '../protocol/token.ts';
import type { Service } from './service.ts';

/** What a request touches, which is checked against the scopes of tokens; a function if that depends on the request. */
export type Touching<T> = 'nothing' | 'everything' | ((request: T) => Touches);

/** A route that replies with JSON: who may call it, how its request is checked, what it touches, and its handler. */
export interface RouteRow<R extends Route> {
  /** Least role. A route with a path on this machine requires an admin, as it acts for the local user. */
  role: Role;
  schema: z.ZodType<RequestOf<R>>;
  touches: Touching<RequestOf<R>>;
  handler(service: Service, request: RequestOf<R>, caller: Caller): ReplyOf<R> | Promise<ReplyOf<R>>;
}

/** Rows of some routes. A missing, extra or incomplete row does not compile. */
export type RouteRows<T> = { readonly [R in keyof T & Route]: RouteRow<R> };

export interface Exchange {
  request: Request;
  response: Response;
  /** Returns the rights of the caller. Throws `unauthorized` for a request without a token, which open routes allow. */
  rights(): Rights;
  /** Version of the program. */
  version: string;
  openapi(): object;
}

/** A route that writes its own response, text or bytes. */
export interface RawRow {
  /** Least role; `open` needs no token. */
  role: Role | 'open';
  touches: 'nothing' | 'everything';
  /** Schema for OpenAPI; absent for routes that are not for programs. */
  documented?: z.ZodType;
  handler(service: Service, exchange: Exchange): void | Promise<void>;
}

/** Rows by method and path. */
export type RawRows = Readonly<Record<`${'GET' | 'POST'} /${string}`, RawRow>>;

export function touchesOf<T>(touching: Touching<T>, request: T): Touches {
  return typeof touching === 'function' ? touching(request) : touching;
}
