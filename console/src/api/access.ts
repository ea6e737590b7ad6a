// What the signed-in account may call, as the contract's x-roles say. What it may not is not drawn.
import { ACCESS, SEES_ALL } from './generated/contract';
import { session } from './session';

export type Route = keyof typeof ACCESS;

const allows = (roles: readonly string[], own: readonly string[]) => roles.includes('*') || own.some((role) => roles.includes(role));

export function rolesMay(own: readonly string[], route: Route): boolean {
  return allows(ACCESS[route], own);
}

export function may(route: Route): boolean {
  return rolesMay(session.account.value?.roles ?? [], route);
}

/** Whether every record of the route is open to the account, not only its own or its group's. */
export function seesAll(route: Route): boolean {
  return may(route) && allows(SEES_ALL[route] ?? [], session.account.value?.roles ?? []);
}
