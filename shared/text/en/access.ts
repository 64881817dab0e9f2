export const access = {
  login: {
    title: 'Sign in',
    purpose: 'Manage the endpoints of your Open API, and find why a request is slow, in one place.',
    email: 'E-mail',
    password: 'Password',
    show: 'Show password',
    hide: 'Hide password',
    submit: 'Sign in',
    forgotten: 'Forgot your password? Ask an administrator for a reset link.',
  },
}
