// Types of the contract, made easy to hold: `Message<'renxin.leads.v1.Lead'>`, and what a route takes and answers by its path.
import type { components, paths } from './generated/schema';

export type Schemas = components['schemas'];

/** docs/api.md: answers hold every field; only a message that is not set is left out. */
export type Answered<T> = T extends readonly (infer U)[]
  ? Answered<U>[]
  : T extends object
    ? { [K in keyof T as NonNullable<T[K]> extends readonly unknown[] ? K : NonNullable<T[K]> extends object ? never : K]-?: Answered<NonNullable<T[K]>> } & {
        [K in keyof T as NonNullable<T[K]> extends readonly unknown[] ? never : NonNullable<T[K]> extends object ? K : never]?: Answered<NonNullable<T[K]>>;
      }
    : T;

export type Message<K extends keyof Schemas> = Answered<Schemas[K]>;

type WithMethod<M extends string> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
export type GetPath = WithMethod<'get'>;
export type PostPath = WithMethod<'post'>;

type Operation<P extends keyof paths, M extends 'get' | 'post'> = paths[P] extends Record<M, infer O> ? O : never;
type Parameter<O, Where extends string> = O extends { parameters: infer Q } ? (Q extends { [W in Where]?: infer V } ? ([NonNullable<V>] extends [never] ? Record<string, never> : NonNullable<V>) : Record<string, never>) : Record<string, never>;
type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201 | 202)]: R[S] extends { content: { 'application/json': infer B } } ? B : undefined }[keyof R & (200 | 201 | 202)]
  : never;

export type PathFields<P extends keyof paths, M extends 'get' | 'post'> = Parameter<Operation<P, M>, 'path'>;
export type Query<P extends GetPath> = Parameter<Operation<P, 'get'>, 'query'>;
export type GetReply<P extends GetPath> = Answered<Success<Operation<P, 'get'>>>;
export type PostReply<P extends PostPath> = Answered<Success<Operation<P, 'post'>>>;
type JsonBody<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : O extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
/** What stands in the path may be left out of the body. */
export type Body<P extends PostPath> = Omit<JsonBody<Operation<P, 'post'>>, NamesIn<P>>;
type NamesIn<P extends PostPath> = Parameter<Operation<P, 'post'>, 'path'> extends Record<string, never> ? never : keyof PathFields<P, 'post'>;
