package traffic

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// names is what people and companies are called.
type names struct {
	given, family    []string
	nicks            []string
	freemail         []string
	freemailShares   []float64
	firmLeft, firmIs []string
	towns            []string
}

func newNames() *names {
	return &names{
		given: strings.Fields(`anna maria lukas jonas lena felix marie paul sophie leon emma noah mia elias hannah ben clara
			camille louis chloe hugo manon theo ines jules lea mathis elise antoine giulia marco chiara luca sofia matteo
			francesca davide martina alessio lucia pablo carmen alvaro paula javier elena diego nuria sergio joao ines tiago
			beatriz rafael mariana emily james olivia harry grace jack amelia oliver isla thomas charlotte william megan ryan
			ashley tyler madison brandon katarzyna piotr agnieszka tomasz zofia jakub magdalena pavel tereza jan veronika
			ondrej zsofia bence anja marko ivana luka nikola elif mehmet zeynep emre ayse can olga dmitri irina andrei
			oksana taras sanne daan fleur bram lotte sven astrid lars ingrid erik freja mikkel aino eero priya arjun ananya
			rohan kavya wei mei jun xin yuki haruto sakura ren minji jiwoo thi linh amina omar leila yusuf fatima karim
			chidi amara kwame abena thabo naledi`),
		family: strings.Fields(`mueller schmidt schneider fischer weber meyer wagner becker hoffmann koch richter klein wolf
			schroeder neumann zimmermann braun krueger hartmann lange martin bernard dubois durand leroy moreau lefebvre
			girard fournier lambert rossi russo ferrari esposito bianchi romano colombo ricci marino greco garcia fernandez
			gonzalez rodriguez lopez martinez sanchez perez gomez ruiz silva santos ferreira pereira oliveira costa smith
			jones taylor brown williams wilson johnson davies evans walker wright thompson hughes edwards clarke bennett
			foster nowak kowalski wisniewski wojcik kaminski lewandowski novak svoboda dvorak horvat kovac nagy szabo toth
			popescu ionescu petrov ivanova kuznetsov shevchenko bondarenko yilmaz kaya demir celik devries jansen bakker
			visser smit janssens peeters andersen nielsen hansen johansson lindberg nilsson korhonen virtanen sharma patel
			singh gupta iyer wang li zhang chen liu tanaka sato suzuki ito kim park nguyen tran haddad rahman khan okafor
			mensah dlamini osei`),
		nicks: strings.Fields(`sunny pixel moose biker teefreund lavendel kater wanderer chesspro gitarre loup etoile papillon
			gatto stella azul luna nordwind fjord kitty rocket falcon otter badger mango kiwi retro vinyl nomad drifter`),
		freemail:       []string{"example.com", "example.org", "example.net", "mail.example", "postfach.example", "inbox.test", "freemail.test", "courriel.example"},
		freemailShares: []float64{38, 16, 12, 14, 7, 6, 4, 3},
		firmLeft: strings.Fields(`alder amber arden aster birch borealis brook cedar cinder cobalt copper coral crane delta
			ember fern flint garnet glacier granite harbor hazel heron indigo iris juniper kestrel lantern larch linden lumen
			maple marble meridian mistral nimbus oak opal orchard osprey pebble pine polar quartz raven reed rowan saffron
			sierra slate sparrow summit tamarind thistle tundra umber vale velvet willow zephyr`),
		firmIs: strings.Fields(`logistics works labs foods media health energy print textil optik consulting software bau
			transport trade design pharma travel insurance robotics legal`),
		towns: strings.Fields(`lindau arlon vespera karlsau montrel oakham pontevre nordhavn silberg tarvos eastmere
			wexbury brunnfeld santelmo kirkvale`),
	}
}

// company is the domain of the n-th company.
func (n *names) company(i int) string {
	left := n.firmLeft[i*7%len(n.firmLeft)]
	right := n.firmIs[(i+i/len(n.firmLeft))%len(n.firmIs)]
	turn := i / (len(n.firmLeft) * len(n.firmIs))
	switch {
	case turn > 0:
		return left + "-" + right + strconv.Itoa(turn+1) + ".example"
	case i%3 == 0:
		return left + right + ".example"
	case i%17 == 5:
		return left + "-" + right + ".test"
	}
	return left + "-" + right + ".example"
}

// university is the domain of the n-th university.
func (n *names) university(i int) string {
	town := n.towns[i%len(n.towns)]
	if turn := i / len(n.towns); turn > 0 {
		town += strconv.Itoa(turn + 1)
	}
	return "uni-" + town + ".example"
}

// freeLocal draws the local part of a private address, as people choose them.
func (n *names) freeLocal(r *rand.Rand, given, family string) string {
	number := func() string { return strconv.Itoa(1 + r.IntN(99)) }
	switch u := r.Float64(); {
	case u < 0.30:
		return given + "." + family
	case u < 0.42:
		return given + family + number()
	case u < 0.52:
		return given + "_" + family
	case u < 0.62:
		return given[:1] + family + number()
	case u < 0.70:
		return given + "." + family + strconv.Itoa(1958+r.IntN(52))
	case u < 0.78:
		return n.nicks[r.IntN(len(n.nicks))] + strconv.Itoa(r.IntN(10000))
	case u < 0.84:
		return given + "-" + family
	case u < 0.87:
		return given + "." + family + "+" + n.nicks[r.IntN(len(n.nicks))]
	case u < 0.89:
		return strings.ToUpper(given[:1]) + given[1:] + "." + strings.ToUpper(family[:1]) + family[1:]
	case u < 0.95:
		return family + "." + given
	}
	return given + number()
}
