// Who may open which screen, and what is remembered of it.
import { createRouter, createWebHistory } from 'vue-router';
import { may } from '@/api/access';
import { asProblem } from '@/api/problem';
import { session } from '@/api/session';
import { screenKeys } from '@/lib/keys';
import { routes } from '@/router-table';
import { t } from '@/texts/zh-CN';

export const router = createRouter({
  history: createWebHistory('/c/'),
  routes,
  // Rows come from the cache on the way back, so the page has its height when it is scrolled.
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach(async (to) => {
  if (!session.account.value) {
    const signedIn = await session.resume().catch((error: unknown) => asProblem(error).status === 0 && false);
    if (!signedIn && to.path !== '/sign-in') return { path: '/sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  }
  if (session.account.value && to.path === '/sign-in') return '/';
  if (to.meta.needs && !may(to.meta.needs)) return '/';
  return true;
});

router.afterEach((to) => {
  document.title = `${to.meta.title} · ${t.app.name}`;
});
router.beforeResolve((to, from) => {
  if (to.path !== from.path) screenKeys.current = {};
});
