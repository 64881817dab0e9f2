export default defineAppConfig({
  ui: {
    colors: { primary: 'jjok', secondary: 'jaju', success: 'sol', info: 'mul', warning: 'hwang', error: 'bul', neutral: 'ridge' },
  },
})
