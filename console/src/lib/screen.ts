// The width of the window, for what CSS alone cannot do: a list becomes cards on a phone.
import { ref } from 'vue';

const PHONE = '(max-width: 640px)';
const query = window.matchMedia(PHONE);
export const isPhone = ref(query.matches);
query.addEventListener('change', (event) => {
  isPhone.value = event.matches;
});
