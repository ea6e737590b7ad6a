import { VueQueryPlugin } from '@tanstack/vue-query';
import 'element-plus/dist/index.css';
import { createApp } from 'vue';
import App from '@/App.vue';
import { queryClient } from '@/api/queries';
import { router } from '@/router';
import '@/style.css';

createApp(App).use(router).use(VueQueryPlugin, { queryClient }).mount('#app');
