import 'vant/lib/index.css'
import { openScreen } from '../open'
import CustomerApp from './CustomerApp.vue'
import en from '@/i18n/en/customer'
import zh from '@/i18n/zh/customer'
import AddressPage from './AddressPage.vue'
import CashierPage from './CashierPage.vue'
import CheckoutPage from './CheckoutPage.vue'
import MemberPage from './MemberPage.vue'
import OrderPage from './OrderPage.vue'
import OrdersPage from './OrdersPage.vue'
import PayPage from './PayPage.vue'
import ShopPage from './ShopPage.vue'
import SignInPage from './SignInPage.vue'

openScreen({
  name: 'customer',
  base: '/customer/',
  app: CustomerApp,
  words: [zh, en],
  routes: [
    { path: '/', name: 'shop', component: ShopPage, meta: { tab: true } },
    { path: '/address', name: 'address', component: AddressPage },
    { path: '/checkout', name: 'checkout', component: CheckoutPage, meta: { private: true } },
    { path: '/orders', name: 'orders', component: OrdersPage, meta: { tab: true, private: true } },
    { path: '/orders/:id', name: 'order', component: OrderPage, meta: { private: true } },
    { path: '/orders/:id/pay', name: 'pay', component: PayPage, meta: { private: true } },
    { path: '/cashier/:ref', name: 'cashier', component: CashierPage, meta: { private: true } },
    { path: '/me', name: 'me', component: MemberPage, meta: { tab: true, private: true } },
    { path: '/sign-in', name: 'sign-in', component: SignInPage },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
