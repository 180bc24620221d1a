/**
 * Direction numbers of Sobol' sequences in 512 dimensions: S. Joe and F. Y. Kuo, "Constructing Sobol' sequences with better
 * two-dimensional projections", SIAM J. Sci. Comput. 30, 2635-2654, 2008 (their file new-joe-kuo-6, search criterion 6),
 * packed by test/reference/generate_sobol.py. The numbers come under this license:
 *
 * Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
 * All rights reserved.
 *
 * Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
 * following conditions are met:
 *
 *     * Redistributions of source code must retain the above copyright notice, this list of conditions and the following
 *       disclaimer.
 *
 *     * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
 *       following disclaimer in the documentation and/or other materials provided with the distribution.
 *
 *     * Neither the names of the copyright holders nor the names of the University of New South Wales and the University
 *       of Waikato and its contributors may be used to endorse or promote products derived from this software without
 *       specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
 * LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
 * SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
 * (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
 * INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
 * NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH
 * DAMAGE.
 */

/** Dimensions that the table has. */
export const SOBOL_MAX_DIMENSIONS = 512;

/** Primitive polynomial over GF(2) and the first direction numbers of one dimension. */
export interface SobolDirections {
  /** The degree of the polynomial. */
  readonly degree: number;
  /** Coefficients of x^(degree - 1) … x as the bits of one number, the highest power first. */
  readonly coefficients: number;
  /** m_1 … m_degree: odd, m_i < 2^i. */
  readonly initial: readonly number[];
}

let table: readonly SobolDirections[] | null = null;

/** The second and all further dimensions, in order; the first has all m_i = 1. */
export function sobolDirections(): readonly SobolDirections[] {
  table ??= unpack();
  return table;
}

/** Per dimension: 4 bits degree, degree - 1 bits of coefficients, then (m_i - 1) / 2 in i - 1 bits for i = 2 … degree. */
function unpack(): SobolDirections[] {
  const bytes = Buffer.from(PACKED, 'base64');
  let position = 0;
  const read = (count: number): number => {
    let value = 0;
    for (const end = position + count; position < end; position++)
      value = value * 2 + ((bytes[position >> 3] >> (7 - (position & 7))) & 1);
    return value;
  };
  return Array.from({ length: SOBOL_MAX_DIMENSIONS - 1 }, () => {
    const degree = read(4);
    const coefficients = read(degree - 1);
    return { degree, coefficients, initial: Array.from({ length: degree }, (_, i) => 2 * read(i) + 1) };
  });
}

const PACKED = `
Es2HBCSk2UkoVEiV3ZW0AXQVXsvYNh4Zo9KaE24aY5ia07MbKU+cH2z5uJ8x4nHOOL7kaAxpzpkjq6cW+PdVWaPO5iJonfeBIDwdMl15TMco
9O1gberlukPlCWon3SuAz8Nh71+3G8w/1Q7QgdP5mPUFd/6+wgtKpZvkJpdrGEhe/RaC0MecfAnhlBJQc0NFJUdOhx6ELLkQ6XJOjiN68+xs
VCFfhwjCDdXLEZ+4QkjjnFv/dUeilq1CkIy5C9bvkNtEGwQikQCiZYKrkWiw57P5kZFVD7RbksVR2HO1kvXmygO/k079NMRuk3Bs++8pk7W8
7YxQk+Oy6auAlDFrX3ySlKdUbiehlRSg1AFBlSescH3tlXwSoMoFlbO8w3/zleoL9i0/lnJBPr92loTt6XmQltVjXVv1l6CAw2isl8PDnIMQ
mJlOtGdXmKgdr/8YmPx32lWYmRRALnxKmYKLg4ZPmdFMukZwmnq3vjKHmt0XDJ05mwYu3yPRm1KsWjYlm2fMsLzim55Qx43gm/nmaawHnCAC
Eki9nHnepwbxnaZltUHXncpKJeGunjrRqZ2UnlMVA3hOnm/ziF5qnqYTcilsnsulpbh8nxxuoP7vn0SUSzpsn9r6SD1JoCTkJLi3uWga0U3/
6G86CcaDr+NkroLHJcPhanuhl9JhEIJcKG+U9DKT9SogI/8cqz4qiK40wS/wVKMUdIwE5/Eo18C+NupD+jmqHqXbLp6PNyeJYC4Ro/tu59fo
OqkNJhIzjUwKRm33yOCaqpIk/z6tbROkxw3IZ3DYaTwdG0Wa3ipQqRlZ2nEalX21rQiBcqWvF8hjJcdphGxe5rdk6mPUqlTKpyaZaL7yQ8c4
poaAs4vWSmnH2WDptDJqeVZU/PQVmp99wvpCgfin6csys56mKhJnBvLuYkqFSA7oVuIGolNU/tO3aajbMf5WDGCqQ/LDJqPiSpOk3H4e0WKl
pe/uL6DxqeEW4C+MAup+fmxGTbL6okZpZ+4iZqtU5shLUAGrANiIC3ezqtLe4xoNVrq34WJUo+6yr9Wvk1d/oaxZ7DOB/nNrHcE9edvPqsgW
FRJJzLqzlxA708f0rRlMkHyS6WtN2CbfllJq1QgM2xRbNrWT3x2GviWtivyk/1+rq31U2elsfqrjbJ7WMjACuTLrKmk16a7Fsj531wVr2uVP
0VE8+vy89F/Mu2q/gZhHY5lnsAr9xw9OBCdVgX6K66h28RjsFVzRtyWTUuVgssqDIeTFrMsI4A9DrXuxNthi9EBN2sbNHsMjdCOuLthBlhx3
lPCN0vcFsPbFitmeAIDtiNGOQ7A15wssSitBxzlb211iffjgv6Lvf3sVIGJtg0ReBFiw4IziiHo2xsZ3Mx7sOOMNdjQzZ1YTYo3CscCW0+97
rHWtjmebpXa13h7sdRdZtLhRjbVj1+QmpALarushuErHyTpfytkTdgAhvWrg/skgLkJuhuBpVkoT7mRM3FPYsnei2QT7afflk8wEVxu0xcxs
omWWrDoyKYVlJyjLRmsbUAsqCmd3kiid/tlbj3BhCncYDsuauVeNf6nftl1+gikY94JYsv9n4gu5diN9mCPFf75CWIYsxx7GVjJUlktmr88y
pRBcifs1vbNksioGsdm5/Lasu4MOzs44eYVNBS+MVnY1paGXJUdLs8osFBgFI2w1n3Ep+E2bW4rtADF13VG0of1oGAs+IqkrUptCfURkGKFF
sVoVBVeQhxxVCtFGUZ1iT3WdtpJIqnM/lMs+tMG92xvLBVfNpsjNFjO+laltPJgh1HnC7DFp+2RYGF4vLutQoKjegMQXNdqQoMr6Zy1GxtTr
gkbeKKmwVqmaHsemt5AYtVQ8/jSesZHdqyqtW0BGjSItWkkDl9sV7ktrUPX6mIxdqbtb1tJ4Vf7KSFrpFqSN5NHbDtd0W799YYnslrxezWGm
F5V5tfd7qi1376P1sDrQSCfwy0xthHnfwIC378tsQ+Jz5mmJz7tmXJYXV/Ob8Vs+pTfN6EK1ctoEkTqxn79bVtKTLAWSrbBdtrCGXUukTQCV
tePjJv1N2YYtsjIc2Xf0x/VtvZ3xGfp1b5tvvzfZXuFSlNuH9go876t1MtxaaZKRD1BkNuSIoIAQKpELtykZMQVvXkX9uvsxKpPpiY2t24Cy
lAYUpvdu8fPHbXHXP4t5ONJBIoi8MlvbP6yQXlIkNt7nlPApXNOz9vnme5A8u/+4t9tDUsHxmAlVwLzZpN3/uZ4uBjQzJcEPPaFwZZPSidSE
hHuD2PgTTOp6n9xWCRnVNirvXuMApC1CMNe9dxrMlLWisME4uOUTxzCIznCdyE1FVy3xEV6uRN697ffAendyX5Axbh+VPPuTVlKIYDh8xdyc
P9BqcQ1gcuWcdGjoIEJXFy/N6Wo6GBH+uY3vFzMR+8m9zMriTh8p1zduaaqL+o7wYrtzUbj8BLDhlgucUvLLnYt1/VzoKizucyCLsue1Vrv0
mYLOt0C0CteVX0hsuhxRV9BypXb10dkk0FGES2Vuk2zA7vhIR+V0tCi6rQuhAYuoNZWIDTkr791HE4imgcqYIuqgChAqN7Ad91YGkZlaWoAy
usU4AziV8rM11vfcqrjvD1tuuIz3u2kG2PN2S7GkdkDqtBuz5A/WIJI1EN2oStADkmg4Cu3UNttQzWlXN29rkV79S0Nfu5F6Bd9rzZud3XaI
5Zs4aT1u7alJlQ4uRCt3gQ9v4yja8eu86wg+kJFVpt31s82upMMXavAlvRgGa0t4d4cwErV24fY1vEPMFoiKOvbN4n79RtAb/D6vFXwgf0UH
6YN4zUWkLH3OfDvHHT92P5Dl1N5GvImsiduoQvJfAiy4fGo/F5VnWkpp2rE7vL83fsi+5T1d5xRkYIOTYD7vPe5gLMFp4fN59UoTl3mEFfvQ
D61rZweft16SXVmZKuni0vTwzMP5hsb616iVMHHO7DE5vXbBmYeXLNBl7PyctZgGhsWvbmTpaUSHpN17yoY9FGSyyNvfHN2cmYPC7V8KjmdT
+TymXvjGT8SZ5JWhd8xxedJjua+bvmytXOY9wt499cKt24Xv87avtT9zcIsb7ot9tCAZ3fyCHxvugHqsIU/Mx9+CDuLB3jyPzvyCSLKDFNSm
N+XCfE3sAjT9vzbdXxyXUqIV+mcn8k3CVCov1uR6thcmeZl+1iqY1wrrC4v5vJhyJeK+Pd/TqUSpvP9oYv8ucPspLhFKV/pmSroSGU3DwFLY
98oR2X3TnmA0gG+dW+mAuC6wHt9w1g7jeViAuA+tPWVPZyM59iwJir9UEoehncfmBodrBe0/8EKDAwOu5362C1tzMt2CDd3lqsoCM9H3wR5r
ya2sHU7XpWCRxYpoljYjxRJwTsJASrZ3/RQZmCnjd3q9/XXB+AwVe1cZEf5hkJyeCwH5IaSTgaS7hwWqzR5vnsLWZn2DCqtS/295kXiUwbNn
a8yIZgQW3+DsD63wQx2JqEswd8jHhtGySozAeEGsKI+iYFa/11wjdu84erNBEoguEePVEO8fpBT52wmYmO2nicAR1uGE5IL8onjlgelZwn4N
CWqXkA8+gWFcNGHaJ+4rJLUwsC3nIB/IeVd0uFl9iEiaVPKgSUww7qRP62dDL1ImGOv9gSEQCxtfxwyBpoSV0x+va2mGcfM+t5MwF8axwz+x
e4JSTEDgCuGmH6uo9TJJLH+w3AwgRXMJa/VdOHMpaE2NMN2o8rw6Ox49m+9UZkymHU333V5b3aafqxAYf9+64S4N9A+IYwKfKx8Xhr9RxDYR
3dnEzeV3W+InKVRKUFleJlvxF2MmURMZH3DI+IzzmphQUAub1vxHUk23YZTHOTJOJTIs8Dwd9jPRpxKxcG15EsTomTuJpSrheP+Iv1+RxQ8s
6H5NdyVszeKO44JFHQi6JCfxU00EXhWwD8hC+LJzmTdGWPisSLxcWyrezQC8TNbGLrwuQyWle6Q6TxdwgLYgdsPbmeOL1ivrJGrrY2i4xglG
ofYEb98QmWMjQp4rZ7ZnGQ+xlR9kD0SwLElpuMsaJKXJ8RUWyCxqQRfC+RzXKuaONeFOyKX8hgHWzxxW6zHPwYEGMb2OMp37VVxD8GGdx0Jx
l5trPU3wX2OilY+qgaSe+dWx3Vyi28gL8KFV2PEtrJFi+6k7+Yx62msqwI8elK7OPZ1YlApP7gWtrx75O+F/YamignuPgvTl6jRt4+o6yFan
zdDT+TmyYGQuq02sbT6n65QyJFiM+F7uhm40+RLfhFLXNRzTsRyLh3eSUV1rtZ6WR398zqaIk88L+yRrbIMGLqkK1cGSa7LKTFuJh90LyUE0
tFRLTvk/J2SyutWcmh4zsidyXsNgPOl0ABaN+TFwOux1zCl6yoybEX8Y3xv6AUr2TeQnTY8PSp7layclhQm/auLW0/uTn9AneUa22q7VyeZb
Tbn6Y4zrX+UNKq7J0bZroh9yivPsoc5R3XIceUZQ8OSnveu8xYymlKS1oMr7X/WuVF8Brzt0CdX/8ytCgPWM3ElL+v2Vw68bDvzk+WgayvTC
XA33FjyF32WFxqW4jxuMqVryxNcFZdcZfuru2WPUueNqreQYvFy1cfYPR+kH3G12XIVIUl6gDkp8yy6a7W+z3LPJ09eXfqzqA935fQ1Ky8G2
+LcjzOn3eeXp/LuSgX8bKY6zASvnTGKz8ZSnWYIUk16z/H9c27zBaX2EOFqXofI+YTpk/F1selBOFzExDOciv5iQyIeZDnUbX/pAi9YvzJ99
GEvWahBgU2ZS9ORTvIJ2eoWzLqcQ55JRL/UReZiXLE02/YHwHYzMnJ7qKWUH1llOZnIq3Ipj8eLdvzPJdT6vqgkM7VmaDGB7mFzUBboBzSPK
uXoEbR1wbWahZUiqBOAHOmbzVAVHPZSSVD9SmatY0AvJ4sAKrhzXXBHktsAbqADGbCpkLYpUpeihEzYgxqiQ3XinyOecKbpZBWq0x0aNzhmW
CoZOhFLOAmcXNebYHrv0d+yzkT6coTtbYKbw+coSm1I9oWqvKLzmfQGbo7OTI9++c5rEJGITKh6N0zo5XVroSCpmiTGdxsokwDiKeaxZzxDD
jhIMB4gOSOeNlD6yCEpTUPdzyc04BCp5qUmxee41RxvF+cFe6xz5hBhmjxWFu0dufdCVdcHE1AwY6z72ohsCcB5u5sufkk53AcgmIh8z0A0S
kpy8V9U6d9VLQE+DisQOzhl7Ty2dAaBzaSdT4sMiHft0CnYjNUtoQ6pjT8/QMrt5eb3T15jXjxNA3kKGxExzpVSwS10EVQ4KkyvHp7szfvQR
oPOsNqBw9sCE8NBPUI+j3vSGSRAkK0FLX74K8AwwQUVmPQVy4DkbK51patVXNBdyNQnaciUUg6wT0F4xBN5PPUxPdh+vQYVPS6DtV9I8BLKd
Bkvv5PHBzp5oM6X0HCK2PerXXvDv/KXQeUCbQqiQwOubSVdCGTvVTX/ws8Ii9Z0IqhFS7R15bL4IirQlMGoTHkmH+bf4l9CX/oxWFrZyCwZS
S0J0HsrnEOPuu0QQ7QocENxX3xypH9rqtCzFiiS+UkLjxPSp0LXGyl8y6mrGw34zQvGY6NaRvfxg5DV9DEq/tGZ6hkGHyOL0MvqDCJwguAFF
HDvQzvj09IBkdLJ2VutDfZ9MWwXbnZFQix0OADCF8MCdJb1GEgA=
`;
